"""Bulk runs in virtual time: the dispatcher of `pixola_ext` against the world of the sandbox, with its real limits."""
