"""What PyInstaller has to know of this package; it asks by the entry point `pyinstaller40`."""

from pathlib import Path


def hook_dirs() -> list[str]:
    """The folder with the hooks: this one."""
    return [str(Path(__file__).parent)]
