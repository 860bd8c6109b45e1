"""Modules that are imported by name when they are needed, and the files beside them."""  # noqa: N999  (PyInstaller's name)

from PyInstaller.utils.hooks import (  # type: ignore[import-untyped]  # pyright: ignore[reportMissingModuleSource, reportMissingImports]
    collect_data_files,
    collect_submodules,
)

hiddenimports = [
    *collect_submodules("pixola_ext", filter=lambda name: "__pyinstaller" not in name and "pytest_plugin" not in name),
    *collect_submodules("pixola_client"),
]
datas = collect_data_files("pixola_ext")
