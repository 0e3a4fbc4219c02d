"""`python -m kllint`."""

from kllint.cli.app import main

if __name__ == "__main__":
    main()
