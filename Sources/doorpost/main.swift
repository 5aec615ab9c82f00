import DoorpostCommands
import Glibc

// Whatever we make is for us alone; commands that mean otherwise say so.
umask(0o077)
// The first thread only waits. Were it to run tasks itself, libdispatch would end it half way and
// keep it as a shell, which setuid(2) of glibc passes over: it would stay root for good.
Task.detached { exit(await Program.run(Array(CommandLine.arguments.dropFirst()))) }
while true { pause() }
