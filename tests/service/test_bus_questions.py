"""What is asked of the bus is answered, or given up together with whoever asked."""

import asyncio

from shared.bus.arrivals import Place
from shared.bus.bus import Bus


async def test_questions_of_one_moment_are_answered_together(engines, topics):
    await topics("test.heard", "test.also")
    bus = Bus(engines.kafka_url)
    one, other = await asyncio.gather(
        bus.ends(["test.heard"], [0, 3]), bus.ends(["test.also"], [1])
    )
    await bus.stop()
    assert one == {Place("test.heard", 0): 0, Place("test.heard", 3): 0}
    assert other == {Place("test.also", 1): 0}


async def test_a_question_that_nobody_waits_for_opens_no_connection_after_the_end(engines, topics):
    await topics("test.heard")
    bus = Bus(engines.kafka_url)
    asking = asyncio.create_task(bus.ends(["test.heard"], [0]))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait([asking])
    await bus.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert bus._consumer is None
