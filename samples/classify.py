"""Run the sample LeNet on one image of noise: python3 classify.py (needs numpy and onnxruntime)."""

import numpy as np
import onnxruntime as ort

MODEL = "lenet-synthetic.onnx"


def main() -> None:
    session = ort.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32)
    (scores,) = session.run(["digit"], {"image": image})
    print(f"{MODEL}: digit {int(scores.argmax())} (the weights are synthetic: any answer is a guess)")


if __name__ == "__main__":
    main()
