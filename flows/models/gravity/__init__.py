"""Structural gravity: Poisson pseudo-likelihood with absorbed effects, its errors, its bias."""
