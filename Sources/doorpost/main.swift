import DoorpostCommands
import Glibc

// Whatever we make is for us alone; commands that mean otherwise say so.
umask(0o077)
exit(await Program.run(Array(CommandLine.arguments.dropFirst())))
