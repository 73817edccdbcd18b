"""Runs in the environment of Alibi Detect: p-values of MMD and LSDD, as JSON; see peers.py."""

import json
import sys

import numpy as np
from alibi_detect.cd import LSDDDrift, MMDDrift


def main() -> None:
    """Print [MMD's p, LSDD's p] of each batch in the file that is named."""
    arrays = {name: values.astype(np.float32) for name, values in np.load(sys.argv[1]).items()}
    reference = arrays.pop("reference")
    detectors = [kind(reference, backend="tensorflow") for kind in (MMDDrift, LSDDDrift)]
    batches = [arrays[f"batch{place}"] for place in range(len(arrays))]
    print(
        json.dumps(
            [
                [float(each.predict(batch)["data"]["p_val"]) for each in detectors]
                for batch in batches
            ]
        )
    )


if __name__ == "__main__":
    main()
