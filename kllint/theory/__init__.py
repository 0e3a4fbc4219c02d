"""The mathematics of KL gradients: pure functions that know nothing of source code.

A KL term is right or wrong by one thing: the coefficient c in gradient = E_mu[c * s], with
s = grad log q(x) and samples x from mu. Everything here evaluates, fits or judges that coefficient.
"""
