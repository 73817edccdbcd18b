"""Runs in the environment of NannyML: what CBPE expects of windows, as JSON; see peers.py."""

import json
import sys

import numpy as np
import pandas as pd
from nannyml import CBPE

METRICS = ["accuracy", "recall", "f1"]


def main() -> None:
    """Print, for each window in the file that is named, accuracy, recall and F1 by category."""
    arrays = dict(np.load(sys.argv[1]))
    thresholds, windows = arrays["thresholds"], arrays["windows"]
    found = []
    for place, threshold in enumerate(thresholds):
        estimator = CBPE(
            metrics=METRICS,
            y_pred_proba="probability",
            y_pred="decided",
            y_true="label",
            problem_type="classification_binary",
            chunk_size=windows.shape[1],
        )
        reference = frame(arrays["probabilities"][:, place], threshold)
        estimator.fit(reference.assign(label=arrays["labels"][:, place]))
        told = estimator.estimate(frame(windows[:, :, place].ravel(), threshold))
        rows = told.filter(period="analysis").to_df()
        found.append([rows[metric, "value"].astype(float).tolist() for metric in METRICS])
    print(json.dumps(np.transpose(found, (2, 0, 1)).tolist()))


def frame(probabilities: np.ndarray, threshold: float) -> pd.DataFrame:
    """Rows as the library wants them."""
    decided = (probabilities >= threshold).astype(int)
    return pd.DataFrame({"probability": probabilities, "decided": decided})


if __name__ == "__main__":
    main()
