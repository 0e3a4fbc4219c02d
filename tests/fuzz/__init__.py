"""Programs and configurations that nobody would write: kllint has to take each of them in its stride."""
