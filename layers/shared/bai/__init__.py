"""What every module shares, imported as `bai` in Lambda and in tests. Knows no module."""
