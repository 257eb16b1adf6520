# shoal alone, on nothing: no shell, no packages, not root.
#
#   docker build -t shoal --build-arg VERSION="$(git describe --tags --always)" .
#   docker run --rm -v "$PWD:/data" --user "$(id -u):$(id -g)" shoal run folder:photos
#
# Runs are written to the folder that is mounted at /data; downloaded data and fitted models to
# /data/.cache.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN VERSION="$VERSION" TARGETS="$(go env GOOS)/$(go env GOARCH)" release/build /out && mv /out/shoal-* /out/shoal && mkdir -p /out/tmp /out/data && chmod 1777 /out/tmp /out/data

FROM scratch
COPY --from=build /out/shoal /usr/local/bin/shoal
COPY --from=build /out/NOTICE LICENSE* /usr/share/doc/shoal/
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build --chown=65532:65532 /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/data /data
ENV XDG_CACHE_HOME=/data/.cache HOME=/data
WORKDIR /data
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/shoal"]
