# The hub on Node, with its embedded Postgres in /data or with yours by DATABASE_URL. How to run it: docs/operators.md.
FROM node:24-slim
WORKDIR /app
COPY package.json package-lock.json ./
# The Node that comes with the project is for machines without one; this image has its own.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node-linux-* node_modules/.bin/node && npm cache clean --force
COPY src ./src
COPY migrations ./migrations
COPY LICENSE ./
RUN install -d -o node -g node /data
USER node
ENV HOST=0.0.0.0 DATA_DIR=/data MALLOC_ARENA_MAX=2
VOLUME /data
EXPOSE 8080
HEALTHCHECK --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=16", "src/runtime/node.ts"]
