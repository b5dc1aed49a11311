"""Tools for language models over the Model Context Protocol (https://modelcontextprotocol.io/); the extra `mcp`."""
