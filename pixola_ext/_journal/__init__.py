"""The journal of submissions: which were sent, which batch each one became, and whose fate is still open."""
