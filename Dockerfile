# For those who run containers; Elastic Beanstalk starts the Procfile without one.
FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CHATX_ENV=production FLASK_APP=wsgi.py
WORKDIR /app
RUN useradd --system --uid 10001 --no-create-home chatx && install --directory --mode 700 --owner chatx /app/var

COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY . ./

USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
    CMD ["python", "-c", "import os, urllib.request as r; port = int(os.environ.get('PORT', 8000)) + int(os.environ.get('CHATX_WORKER_NUMBER', 0)); r.urlopen(f'http://127.0.0.1:{port}/readyz', timeout=4)"]
CMD ["python", "wsgi.py"]
