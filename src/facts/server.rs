//! Servers that keep data (databases, queues, caches, search), known by the name of their image.
//!
//! Names and ports are those of the images' own documentation on Docker Hub and of the Internet Assigned Numbers
//! Authority; seen on 2026-11-20.

use crate::facts::command::Command;
use crate::facts::object::Container;
use crate::syntax::image_ref::ImageRef;

/// A server that keeps data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// What people call it.
    pub name: &'static str,
    /// Names that its images have, without registry and path.
    pub images: &'static [&'static str],
    /// The ports that it listens on by default.
    pub ports: &'static [i64],
    /// Programs that are the server.
    pub programs: &'static [&'static str],
    /// Folders that it keeps its data in unless it is told otherwise, one for each family of images.
    pub data: &'static [&'static str],
    /// What keeping means to it.
    pub keeps: Keeps,
}

/// What a server does with its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It writes them to a disk, and they are meant to stay.
    OnDisk,
    /// It holds them in memory and may write them down: a cache or a database, as one likes.
    InMemory,
    /// It never writes them down.
    Nothing,
}

macro_rules! servers {
    ($($name:literal $keeps:ident [$($image:literal)*] [$($port:literal)*] [$($program:literal)*] [$($data:literal)*])*) => {
        &[$(Server {
            name: $name,
            images: &[$($image),*],
            ports: &[$($port),*],
            programs: &[$($program),*],
            data: &[$($data),*],
            keeps: Keeps::$keeps,
        }),*]
    };
}

/// All servers that are known.
pub static SERVERS: &[Server] = servers! {
    "PostgreSQL" OnDisk ["postgres" "postgresql" "postgis" "timescaledb" "pgvector"] [5432] ["postgres"] ["/var/lib/postgresql" "/home/postgres/pgdata" "/pgdata"]
    "MySQL" OnDisk ["mysql" "mysql-server" "percona" "percona-server"] [3306] ["mysqld" "mysqld_safe"] ["/var/lib/mysql"]
    "MariaDB" OnDisk ["mariadb"] [3306] ["mariadbd" "mysqld"] ["/var/lib/mysql"]
    "MongoDB" OnDisk ["mongo" "mongodb" "mongodb-community-server" "percona-server-mongodb"] [27017] ["mongod" "mongos"] ["/data/db"]
    "Redis" InMemory ["redis" "redis-stack" "redis-stack-server"] [6379] ["redis-server" "redis-sentinel"] ["/data" "/var/lib/redis"]
    "Valkey" InMemory ["valkey"] [6379] ["valkey-server"] ["/data"]
    "KeyDB" InMemory ["keydb"] [6379] ["keydb-server"] ["/data" "/var/lib/keydb"]
    "Memcached" Nothing ["memcached"] [11211] ["memcached"] []
    "Elasticsearch" OnDisk ["elasticsearch" "elasticsearch-oss"] [9200 9300] ["elasticsearch"] ["/usr/share/elasticsearch/data"]
    "OpenSearch" OnDisk ["opensearch"] [9200 9300] ["opensearch"] ["/usr/share/opensearch/data"]
    "Solr" OnDisk ["solr"] [8983] ["solr" "solr-foreground"] ["/var/solr" "/opt/solr/server/solr"]
    "Meilisearch" OnDisk ["meilisearch"] [7700] ["meilisearch"] ["/meili_data"]
    "Typesense" OnDisk ["typesense"] [8108] ["typesense-server"] ["/data"]
    "Cassandra" OnDisk ["cassandra"] [9042] ["cassandra"] ["/var/lib/cassandra"]
    "ScyllaDB" OnDisk ["scylla"] [9042] ["scylla"] ["/var/lib/scylla"]
    "CouchDB" OnDisk ["couchdb"] [5984] ["couchdb"] ["/opt/couchdb/data"]
    "Couchbase" OnDisk ["couchbase"] [8091] ["couchbase-server"] ["/opt/couchbase/var"]
    "Kafka" OnDisk ["kafka" "cp-kafka" "cp-server" "kafka-native"] [9092] ["kafka-server-start"] ["/var/lib/kafka" "/tmp/kraft-combined-logs" "/tmp/kafka-logs" "/kafka"]
    "Redpanda" OnDisk ["redpanda"] [9092] ["redpanda" "rpk"] ["/var/lib/redpanda"]
    "ZooKeeper" OnDisk ["zookeeper" "cp-zookeeper"] [2181] ["zookeeper-server-start" "zkserver"] ["/data" "/datalog" "/var/lib/zookeeper"]
    "RabbitMQ" OnDisk ["rabbitmq"] [5672] ["rabbitmq-server"] ["/var/lib/rabbitmq"]
    "ActiveMQ" OnDisk ["activemq" "activemq-classic" "activemq-artemis"] [61616] ["activemq" "artemis"] ["/opt/apache-activemq/data" "/opt/activemq/data" "/var/lib/artemis-instance"]
    "etcd" OnDisk ["etcd"] [2379] ["etcd"] ["/var/lib/etcd" "/etcd-data" "/default.etcd"]
    "InfluxDB" OnDisk ["influxdb"] [8086] ["influxd"] ["/var/lib/influxdb" "/var/lib/influxdb2"]
    "Neo4j" OnDisk ["neo4j"] [7687 7474] ["neo4j"] ["/data"]
    "ClickHouse" OnDisk ["clickhouse" "clickhouse-server"] [8123 9000] ["clickhouse-server"] ["/var/lib/clickhouse"]
    "CockroachDB" OnDisk ["cockroach" "cockroachdb"] [26257] ["cockroach"] ["/cockroach/cockroach-data"]
    "ArangoDB" OnDisk ["arangodb"] [8529] ["arangod"] ["/var/lib/arangodb3"]
    "RethinkDB" OnDisk ["rethinkdb"] [28015] ["rethinkdb"] ["/data"]
    "Qdrant" OnDisk ["qdrant"] [6333] ["qdrant"] ["/qdrant/storage"]
    "MinIO" OnDisk ["minio"] [9000] ["minio" "server"] ["/data"]
    "SQL Server" OnDisk ["mssql/server" "azure-sql-edge"] [1433] ["sqlservr"] ["/var/opt/mssql"]
};

/// The server that an image of this name holds. Where the name only ends like a server's (`shop-mongodb`,
/// `rs-mysql-db`), one of its default ports among `ports` must bear witness.
pub fn of_image(image: &ImageRef, ports: &[i64]) -> Option<&'static Server> {
    let path = image.repository.text.as_str();
    let last = path.rsplit('/').next().unwrap_or(path);
    let is_called = |server: &&Server| {
        let by_path = |name: &&str| name.contains('/') && path.ends_with(*name);
        server.images.iter().any(|name| *name == last || by_path(name))
    };
    if let Some(server) = SERVERS.iter().find(is_called) {
        return Some(server);
    }
    let mut words: Vec<&str> = last.split(['-', '_', '.']).collect();
    if words.len() > 1 && matches!(words.last(), Some(&("db" | "database" | "server"))) {
        words.pop();
    }
    let stem = words.last()?;
    let stem_of = |server: &&Server| {
        server.images.iter().any(|name| name == stem || stem.strip_suffix("db") == Some(*name))
            && server.ports.iter().any(|port| ports.contains(port))
    };
    SERVERS.iter().find(stem_of)
}

/// Programs that developers look into servers with, or that stand in for those of a cloud, by the last part of the
/// name of their image. From Docker Hub; seen on 2026-11-21.
const BESIDE: &[&str] = &[
    "adminer",
    "akhq",
    "azurite",
    "cp-schema-registry",
    "kafdrop",
    "kafka-ui",
    "kibana",
    "localstack",
    "mailcatcher",
    "maildev",
    "mailhog",
    "mailpit",
    "mongo-express",
    "pgadmin4",
    "phpmyadmin",
    "redis-commander",
    "redisinsight",
    "smtp4dev",
];

/// A program that watches others, and keeps what it has seen in itself unless it is told of a store.
struct Watcher {
    /// Ends of the names of its images.
    images: &'static [&'static str],
    /// Beginnings of the variables that tell it of a store.
    store: &'static [&'static str],
}

/// Such programs, by their own documentation: traces and silences in memory, dashboards in a SQLite file, series in a folder of one
/// process. Seen on 2026-11-21.
const WATCHERS: &[Watcher] = &[
    Watcher { images: &["openzipkin/zipkin", "openzipkin/zipkin-slim"], store: &["STORAGE_TYPE"] },
    Watcher { images: &["jaegertracing/all-in-one", "jaegertracing/jaeger"], store: &["SPAN_STORAGE_TYPE"] },
    Watcher {
        images: &["grafana/grafana", "grafana/grafana-oss", "grafana/grafana-enterprise"],
        store: &["GF_DATABASE_"],
    },
    Watcher { images: &["prom/prometheus", "prometheus/prometheus"], store: &[] },
    Watcher { images: &["prom/pushgateway", "prometheus/pushgateway"], store: &[] },
    Watcher { images: &["victoriametrics/victoria-metrics"], store: &[] },
    Watcher { images: &["louislam/uptime-kuma"], store: &["UPTIME_KUMA_DB_"] },
];

fn watcher_of(image: &ImageRef) -> Option<&'static Watcher> {
    let path = image.repository.text.as_str();
    let is_end =
        |end: &&str| path.strip_suffix(*end).is_some_and(|head| head.is_empty() || head.ends_with('/'));
    WATCHERS.iter().find(|watcher| watcher.images.iter().any(is_end))
}

/// True for a program that watches others and keeps what it has seen in its one process: a second one has seen something else.
pub fn is_lone_watcher(container: &Container) -> bool {
    let image = container.image.known().and_then(Option::as_deref).map(ImageRef::parse);
    let Some(watcher) = image.as_ref().and_then(watcher_of) else { return false };
    let names = container.env.items.iter().map(|variable| &variable.value.name.value);
    names.into_iter().all(|name| !watcher.store.iter().any(|store| name.starts_with(store)))
}

/// True for an image of somebody else's that holds a server or a program to look into one. One of a private registry
/// may be the project's own, whatever its name.
pub fn is_infrastructure(image: &ImageRef) -> bool {
    const PUBLIC: [&str; 6] =
        ["docker.io", "quay.io", "ghcr.io", "mcr.microsoft.com", "docker.elastic.co", "public.ecr.aws"];
    let is_public = image.registry.as_ref().is_none_or(|registry| PUBLIC.contains(&registry.text.as_str()));
    let path = image.repository.text.as_str();
    let last = path.rsplit('/').next().unwrap_or(path);
    is_public && (of_image(image, &[]).is_some() || BESIDE.contains(&last) || watcher_of(image).is_some())
}

/// The server that a container is. None in a database's image that is started as a client, or that somebody names a
/// client and that offers no port: it is kept to type into.
pub fn of_container(container: &Container) -> Option<&'static Server> {
    let image = ImageRef::parse(container.image.known()?.as_deref()?);
    let ports: Vec<i64> =
        container.ports.items.iter().filter_map(|port| *port.value.number.known()?).collect();
    let server = of_image(&image, &ports)?;
    let name = container.name.known().map_or("", String::as_str);
    let is_client =
        ports.is_empty() && name.split('-').any(|word| matches!(word, "client" | "cli" | "shell"));
    let starts = server.is_started_by(container.command.known()?.as_ref(), container.args.known()?.as_ref());
    (starts && !is_client).then_some(server)
}

impl Server {
    /// Whether a container of this server's image starts it, and no client, dump or shell. An image that is started
    /// without words of the manifest starts its server.
    pub fn is_started_by(&self, command: Option<&Command>, args: Option<&Command>) -> bool {
        let all: Vec<String> = command.into_iter().chain(args).flat_map(Command::words).collect();
        let Some(first) = all.first() else { return true };
        let program = first.rsplit('/').next().unwrap_or(first);
        if matches!(program, "sh" | "bash" | "ash" | "dash") {
            return all[1..].iter().any(|text| self.is_named_in(text));
        }
        !CLIENTS.contains(&program)
    }

    fn is_named_in(&self, script: &str) -> bool {
        let words =
            script.split(|character: char| !(character.is_ascii_alphanumeric() || "-_".contains(character)));
        words.into_iter().any(|word| self.programs.iter().any(|program| word.eq_ignore_ascii_case(program)))
            || script.contains("entrypoint")
    }
}

/// Programs in images of servers that are not the server.
const CLIENTS: &[&str] = &[
    "sleep",
    "tail",
    "true",
    "cat",
    "echo",
    "curl",
    "wget",
    "nc",
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "pg_isready",
    "pg_basebackup",
    "createdb",
    "mongo",
    "mongosh",
    "mongodump",
    "mongorestore",
    "mongoimport",
    "mongoexport",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mariadb",
    "mariadb-dump",
    "redis-cli",
    "redis-benchmark",
    "valkey-cli",
    "cqlsh",
    "nodetool",
    "rabbitmqctl",
    "rabbitmqadmin",
    "etcdctl",
    "influx",
    "cypher-shell",
    "clickhouse-client",
    "mc",
    "kafka-topics.sh",
    "kafka-topics",
    "kafka-console-consumer.sh",
    "node",
    "python",
    "python3",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(image: &str, ports: &[i64]) -> Option<&'static str> {
        of_image(&ImageRef::parse(image), ports).map(|server| server.name)
    }

    #[test]
    fn images_are_servers_by_their_names() {
        assert_eq!(name("postgres:18-alpine", &[]), Some("PostgreSQL"));
        assert_eq!(name("docker.io/bitnami/mongodb:8", &[]), Some("MongoDB"));
        assert_eq!(name("mcr.microsoft.com/mssql/server:2022-latest", &[]), Some("SQL Server"));
        assert_eq!(name("registry:5000/shop/shop-mongodb", &[27017]), Some("MongoDB"));
        assert_eq!(name("shop/examples-mysqldb:1", &[3306]), Some("MySQL"));
        assert_eq!(name("shop/rs-mysql-db", &[3306]), Some("MySQL"));
    }

    #[test]
    fn names_that_only_sound_like_one_are_none() {
        for image in [
            "postgres-exporter",
            "redis-operator",
            "mongo-express",
            "shop/postgres-migrations",
            "node",
            "server",
        ] {
            assert_eq!(name(image, &[5432, 6379, 27017]), None, "{image}");
        }
        assert_eq!(name("shop/shop-mongodb", &[3000]), None, "no port bears witness");
    }
}
