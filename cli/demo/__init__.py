"""The whole thing on one machine, calling nobody: `dialer demo`.

`fixture` has the leads and what their numbers do, `full_floor` those that fill a large one; `stage` starts the
carrier, the softphones and the run; `play` has agents log in and campaigns call on it; `show` says which;
`evidence` collects what database and both logs say; `verdict` judges that.
"""
