"""Gravity: Poisson pseudo-likelihood with absorbed effects, and what a pair's flow is held against."""
