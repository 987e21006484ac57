// Loaded before a program that a test runs (`node --import`). Whatever ends the process of the test closes the pipe that is the program's input, also
// where no cleanup runs any more, and the program ends with it.

process.stdin.on("end", () => process.exit());
process.stdin.resume().unref();
