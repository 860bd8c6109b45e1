"""Bulk runs on a cluster of Dask: what is sent to its workers, what these do, and the process that looks after it.

Nothing here owns money: a lane is a run on the shared ledger, and may be killed, repeated, or run twice at once.
"""
