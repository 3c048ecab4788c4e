"""What the backends that open Keras 3 networks share, whatever computes them. Importing this imports no framework.

No plugin of its own: a backend imports what it needs, after it has set ``KERAS_BACKEND``.
"""
