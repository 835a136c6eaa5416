"""Code sets from the official files, kept as read-only tables under the installation's data folder."""

from connectors.codesets.installed import InstalledCodeSets, open_codesets
from connectors.codesets.loading import list_sets, load_file, load_files
from connectors.codesets.reading import CodeFileError
from connectors.codesets.set_file import LoadedSet, SetFileError

__all__ = [
    "CodeFileError",
    "InstalledCodeSets",
    "LoadedSet",
    "SetFileError",
    "list_sets",
    "load_file",
    "load_files",
    "open_codesets",
]
