"""The parts of `pixola bulk`: the input, the estimate, the run, and what is told of it."""
