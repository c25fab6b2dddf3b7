"""What numpy, scikit-learn and zstd need for the same work. Reads a job from stdin, prints one JSON object.

Whatever is not installed is left out. Times are the best of some runs, in seconds. Each item that is done is a line on
stderr.
"""

import json
import subprocess
import sys
import time


def best(task, runs):
    times = []
    result = None
    for _ in range(runs):
        start = time.perf_counter()
        result = task()
        times.append(time.perf_counter() - start)
    return min(times), result


def tell(item, seconds):
    print(f"{item}: {seconds:.2f} s", file=sys.stderr, flush=True)


def thresholds(np, job, out):
    weights = np.fromfile(job["weights"], dtype=np.float32)
    rank = weights.size - round(job["density"] * weights.size)
    seconds, value = best(lambda: np.partition(np.abs(weights), rank)[rank], 3)
    tell("numpy, threshold", seconds)
    out["partition"] = {"seconds": seconds, "threshold": float(value)}


def codebooks(np, job, out):
    from sklearn.cluster import KMeans

    kept = np.fromfile(job["kept"], dtype=np.float32).reshape(-1, 1)
    out["kmeans"] = {}
    for k in job["ks"]:
        start = np.linspace(kept.min(), kept.max(), k).reshape(-1, 1)
        seconds, fit = best(lambda: KMeans(k, init=start, n_init=1, algorithm="lloyd").fit(kept), 1)
        tell(f"scikit-learn, codebook of {k}", seconds)
        centroids = fit.cluster_centers_[fit.labels_]
        error = float(np.mean((kept.astype(np.float64) - centroids) ** 2))
        out["kmeans"][str(k)] = {"seconds": seconds, "mse": error, "rounds": int(fit.n_iter_)}


def zstd(job, out):
    rows = {}
    for level in (1, 19):
        packed = job["symbols"] + ".zst"
        seconds, _ = best(lambda: subprocess.run(["zstd", f"-{level}", "-qf", job["symbols"], "-o", packed], check=True), 1)
        with open(packed, "rb") as file:
            size = len(file.read())
        unpack, _ = best(lambda: subprocess.run(["zstd", "-dqf", packed, "-o", job["symbols"] + ".out"], check=True), 1)
        tell(f"zstd -{level}, both ways", seconds + unpack)
        rows[str(level)] = {"bytes": size, "encodeSeconds": seconds, "decodeSeconds": unpack}
    out["zstd"] = rows


def main():
    job = json.load(sys.stdin)
    out = {}
    try:
        import numpy as np

        out["numpy"] = np.__version__
        thresholds(np, job, out)
        try:
            codebooks(np, job, out)
        except ImportError:
            pass
    except ImportError:
        pass
    try:
        zstd(job, out)
    except (OSError, subprocess.CalledProcessError):
        pass
    print(json.dumps(out))


main()
