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
    ($($name:literal $keeps:ident [$($image:literal)*] [$($port:literal)*] [$($program:literal)*])*) => {
        &[$(Server { name: $name, images: &[$($image),*], ports: &[$($port),*], programs: &[$($program),*], keeps: Keeps::$keeps }),*]
    };
}

/// All servers that are known.
pub static SERVERS: &[Server] = servers! {
    "PostgreSQL" OnDisk ["postgres" "postgresql" "postgis" "timescaledb" "pgvector"] [5432] ["postgres"]
    "MySQL" OnDisk ["mysql" "mysql-server" "percona" "percona-server"] [3306] ["mysqld" "mysqld_safe"]
    "MariaDB" OnDisk ["mariadb"] [3306] ["mariadbd" "mysqld"]
    "MongoDB" OnDisk ["mongo" "mongodb" "mongodb-community-server" "percona-server-mongodb"] [27017] ["mongod" "mongos"]
    "Redis" InMemory ["redis" "redis-stack" "redis-stack-server"] [6379] ["redis-server" "redis-sentinel"]
    "Valkey" InMemory ["valkey"] [6379] ["valkey-server"]
    "KeyDB" InMemory ["keydb"] [6379] ["keydb-server"]
    "Memcached" Nothing ["memcached"] [11211] ["memcached"]
    "Elasticsearch" OnDisk ["elasticsearch" "elasticsearch-oss"] [9200 9300] ["elasticsearch"]
    "OpenSearch" OnDisk ["opensearch"] [9200 9300] ["opensearch"]
    "Solr" OnDisk ["solr"] [8983] ["solr" "solr-foreground"]
    "Meilisearch" OnDisk ["meilisearch"] [7700] ["meilisearch"]
    "Typesense" OnDisk ["typesense"] [8108] ["typesense-server"]
    "Cassandra" OnDisk ["cassandra"] [9042] ["cassandra"]
    "ScyllaDB" OnDisk ["scylla"] [9042] ["scylla"]
    "CouchDB" OnDisk ["couchdb"] [5984] ["couchdb"]
    "Couchbase" OnDisk ["couchbase"] [8091] ["couchbase-server"]
    "Kafka" OnDisk ["kafka" "cp-kafka" "cp-server" "kafka-native"] [9092] ["kafka-server-start"]
    "Redpanda" OnDisk ["redpanda"] [9092] ["redpanda" "rpk"]
    "ZooKeeper" OnDisk ["zookeeper" "cp-zookeeper"] [2181] ["zookeeper-server-start" "zkserver"]
    "RabbitMQ" OnDisk ["rabbitmq"] [5672] ["rabbitmq-server"]
    "ActiveMQ" OnDisk ["activemq" "activemq-classic" "activemq-artemis"] [61616] ["activemq" "artemis"]
    "etcd" OnDisk ["etcd"] [2379] ["etcd"]
    "InfluxDB" OnDisk ["influxdb"] [8086] ["influxd"]
    "Neo4j" OnDisk ["neo4j"] [7687 7474] ["neo4j"]
    "ClickHouse" OnDisk ["clickhouse" "clickhouse-server"] [8123 9000] ["clickhouse-server"]
    "CockroachDB" OnDisk ["cockroach" "cockroachdb"] [26257] ["cockroach"]
    "ArangoDB" OnDisk ["arangodb"] [8529] ["arangod"]
    "RethinkDB" OnDisk ["rethinkdb"] [28015] ["rethinkdb"]
    "Qdrant" OnDisk ["qdrant"] [6333] ["qdrant"]
    "MinIO" OnDisk ["minio"] [9000] ["minio" "server"]
    "SQL Server" OnDisk ["mssql/server" "azure-sql-edge"] [1433] ["sqlservr"]
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
        let words = |command: Option<&Command>| -> Vec<String> {
            match command {
                Some(Command::Exec(words)) => words.iter().map(|word| word.value.clone()).collect(),
                Some(Command::Shell(script)) => vec!["sh".to_owned(), "-c".to_owned(), script.text.clone()],
                None => Vec::new(),
            }
        };
        let mut all = words(command);
        all.extend(words(args));
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
