"""The whole thing on one machine, calling nobody: `dialer demo`.

`fixture` has the leads and what their numbers do; `stage` starts the carrier, the softphones and the run;
`show` plays a campaign on it; `evidence` collects what database and both logs say; `verdict` judges that.
"""
