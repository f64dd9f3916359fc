"""Plain values and rules: no I/O but the package's own data files, no third-party imports."""
