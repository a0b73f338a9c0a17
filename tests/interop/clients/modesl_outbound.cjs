// modesl: a server that answers a call, plays to it and hangs up. Prints its port first.
const net = require("net");
const esl = require("modesl");
const free = net.createServer().listen(0, "127.0.0.1", () => {
  const port = free.address().port;
  free.close(() => {
    const server = new esl.Server({ host: "127.0.0.1", port, myevents: true }, () =>
      console.log(port)
    );
    server.on("connection::ready", (connection) => {
      const info = connection.getInfo();
      connection.execute("answer", "", () => {
        connection.execute("playback", "tone_stream://%(2500,0,1004)", () => {
          console.log(
            JSON.stringify({ uuid: info.getHeader("Unique-ID"), mode: info.getHeader("Socket-Mode") })
          );
          connection.execute("hangup", "");
          setTimeout(() => process.exit(0), 200);
        });
      });
    });
  });
});
setTimeout(() => process.exit(1), 30000);
