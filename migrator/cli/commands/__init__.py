"""The commands, a file each: options, one call of the application, and how it is printed."""
