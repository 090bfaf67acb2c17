"""The no-op flow. Run as a program it makes the deployment and prints its id."""

from pathlib import Path

from prefect import flow


@flow(log_prints=True)
def noop() -> None:
    print("ok")


if __name__ == "__main__":
    source = flow.from_source(str(Path(__file__).parent), "prefect_noop.py:noop")
    deployment = source.deploy("bench", work_pool_name="bench", print_next_steps=False)
    print(f"bench-deployment={deployment}")
