"""What a change of the document means to users of `pixola_ext`, in the names that they write."""
