"""The limit: aiokafka consumes and produces the same bytes, decides nothing, keeps nothing. `bare.py ADDRESS`."""

import asyncio
import signal
import sys

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from deciding import SINKS, SOURCE


async def copy(address: str) -> None:
    """Until SIGTERM."""
    consumer = AIOKafkaConsumer(SOURCE, bootstrap_servers=address, group_id="bare", auto_offset_reset="earliest")
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await consumer.start()
    await producer.start()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    while not stopping.is_set():
        batches = await consumer.getmany(timeout_ms=200, max_records=500)
        sent = [
            await producer.send(SINKS[0], value=x.value, key=x.key, headers=list(x.headers))
            for records in batches.values()
            for x in records
        ]
        await asyncio.gather(*sent)
        await consumer.commit()
    await consumer.stop()
    await producer.stop()


asyncio.run(copy(sys.argv[1]))
