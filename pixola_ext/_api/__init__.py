"""The calls of the API and their answers as typed values: the only code that imports the generated package."""
