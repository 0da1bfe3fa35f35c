"""What is asked of jobs by topic: reading, changing, queues."""
