"""Workers killed by SIGKILL at twelve points, as real processes on a real database and queue."""
