"""The commands: a module for each, with a click command named `command`, imported when it is asked for."""
