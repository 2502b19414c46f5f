"""`dialer doctor`: what keeps calls from being placed or heard, each with its remedy.

Every part gathers facts (`gather_*`, or from `dialer.reports.readiness`) and judges them by a function of
those facts alone, which gives `findings.Finding`s. `examine` asks the parts in order; nothing is changed
anywhere.
"""
