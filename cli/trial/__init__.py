"""`dialer call test`: one real call outside any run, and what its messages and packets say.

`place` decides whether the number may be called and has the call placed; `ladder` reads the SIP messages,
`diagnosis` judges all of it by facts alone, `show` prints.
"""
