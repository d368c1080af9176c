# The generated module: kerma's C interface as it is, without types of its own.
from typing import Any

def __getattr__(name: str) -> Any: ...
