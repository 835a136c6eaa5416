# docs/security.md says how to give both stages a base by its digest.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS wheel
WORKDIR /source
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel .

FROM ${PYTHON}
COPY --from=wheel /source/requirements.txt /wheel/
RUN pip install --no-cache-dir --require-hashes -r /wheel/requirements.txt
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-index --no-deps /wheel/*.whl \
    && rm -r /wheel \
    && useradd --uid 10001 --create-home biller \
    && install -d -m 700 -o biller /data
USER 10001
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 REVCYCLE_DATA=/data
VOLUME /data
CMD ["revcycle", "run"]
