// modesl: log in, run commands, follow a call that it makes. Prints what it saw.
const esl = require("modesl");
const [port, password, dial] = process.argv.slice(2);
const connection = new esl.Connection("127.0.0.1", Number(port), password, () => {
  const names = [];
  const seen = { names };
  connection.on("esl::event::**", (event) => {
    const name = event.getHeader("Event-Name");
    if (!name) return;
    names.push(name);
    if (name === "CHANNEL_DESTROY") {
      console.log(JSON.stringify(seen));
      connection.disconnect();
      process.exit(0);
    }
  });
  connection.subscribe("ALL", () => {
    seen.listening = "+OK event listener enabled";
    connection.api("status", (answer) => {
      seen.status = answer.getBody();
      connection.bgapi("originate", [dial], () => {
        seen.job = true;
      });
    });
  });
});
setTimeout(() => process.exit(1), 30000);
