"""From LibCST's trees to programs: for files in syntax that the Python running kllint cannot parse itself."""
