"""Do all official clients meet the same API? `python -m tests.clients` puts each through the same steps: one matrix.

`asking` starts a client, `steps` are what each one does, `probes.json` what it is refused, `matrix` what came of it.
"""
