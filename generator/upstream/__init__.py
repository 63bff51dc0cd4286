"""What comes from the network: ``specloom update`` fetches it, and a lock tells of each copy what it is.

``lock`` is read by every run; ``fetch``, ``addresses`` and ``update`` by ``specloom update`` alone, which is the only command
that asks the network.
"""
