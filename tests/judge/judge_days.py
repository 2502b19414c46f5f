import statistics as st
import sys
import time
from multiprocessing import Pool


from dialer.core.pacing.forecast.served import ServedFloor
from tests.judge.model import Floor, Model


class Drive:
    def __init__(self, m, **k):
        self.s = ServedFloor(day_ends_at=m.warm_up_s + m.day_s, limit=0.03)

    def dial(self, t, agents, calls, events):
        return self.s.calls_to_start(t, agents, calls, events)


def one(a):
    n, p, seed, tick = a
    m = Model(agents=n, p=p, tick_s=tick)
    t = time.process_time()
    d = Floor(m, seed).run(Drive(m))
    return d.utilisation, d.rate, d.mean_wait_s, d.worst_s(), d.dials, time.process_time() - t


if __name__ == "__main__":
    n, p, days = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    tick = float(sys.argv[4]) if len(sys.argv) > 4 else 0.5
    with Pool(2) as pool:
        r = pool.map(one, [(n, p, 1000 + s, tick) for s in range(days)], chunksize=1)
    u = [x[0] * 100 for x in r]
    a = [x[1] * 100 for x in r]
    print(
        f"n={n} p={p} days={days} util {st.mean(u):.2f} +-{2 * st.stdev(u) / days**0.5:.2f} aband {st.mean(a):.2f} over3 {sum(x > 3 for x in a) / days:.3f} wait {st.mean(x[2] for x in r):.1f} worst30 {max(x[3] for x in r) * 100:.1f}/{st.mean(x[3] for x in r) * 100:.1f} dials {st.mean(x[4] for x in r):.0f} cpu/day {st.mean(x[5] for x in r):.1f}"
    )
