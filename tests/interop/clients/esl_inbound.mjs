// esl: log in, run commands, follow a call that it makes. Prints what it saw.
import { FreeSwitchClient } from "esl";
const [port, password, dial] = process.argv.slice(2);
const client = new FreeSwitchClient({ host: "127.0.0.1", port: Number(port), password });
const names = [];
client.on("connect", async (call) => {
  try {
    for (const name of ["CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE"])
      call.on(name, () => names.push(name));
    const over = new Promise((done) =>
      call.on("CHANNEL_DESTROY", () => {
        names.push("CHANNEL_DESTROY");
        done();
      })
    );
    await call.event_json("CHANNEL_CREATE", "CHANNEL_ANSWER", "CHANNEL_HANGUP_COMPLETE",
      "CHANNEL_DESTROY", "BACKGROUND_JOB");
    const status = await call.api("status", 10000);
    const job = await call.bgapi(`originate ${dial}`, 20000);
    await over;
    const seen = { status: status.body, job: job !== undefined, names };
    console.log(JSON.stringify({ ...seen, listening: "+OK event listener enabled" }));
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
});
client.connect();
setTimeout(() => process.exit(1), 30000);
