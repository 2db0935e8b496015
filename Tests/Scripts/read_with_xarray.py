"""Prints what xarray sees in the group /runs of a result file, the same for both of its engines.

Usage: read_with_xarray.py [FILE]. Without a file, only the imports are tried.
"""

import sys
import warnings

import h5netcdf
import netCDF4
import xarray


def describe(path, engine):
    lines = []
    with xarray.open_dataset(path, engine=engine) as root:
        lines.append(f"title {root.attrs['title']}")
        lines.append(f"schema_version {root.attrs['schema_version']}")
    with xarray.open_dataset(path, group="runs", engine=engine) as runs:
        lines += [f"dimension {name} {size}" for name, size in runs.sizes.items()]
        for name in [*runs.coords, *runs.data_vars]:
            column = runs[name]
            # Widths of texts differ from platform to platform.
            kind = "str" if column.dtype.kind in "OUT" else str(column.dtype)
            lines.append(f"column {name} {kind} {column.dims} {column.attrs}")
            lines.append(f"values {[repr(value) for value in column.values.tolist()]}")
        lines.append(f"frame {list(runs.to_dataframe().columns)}")
    return lines


if len(sys.argv) > 1:
    warnings.simplefilter("error")
    first, second = (describe(sys.argv[1], engine) for engine in ("h5netcdf", "netcdf4"))
    if first != second:
        sys.exit("\n".join(["the engines differ:", *first, "---", *second]))
    print("\n".join(first))
