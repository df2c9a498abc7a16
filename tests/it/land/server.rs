//! A git server over HTTP: the installed git's own, behind a small front that can be made to misbehave.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What becomes of a request.
pub(crate) enum Reply {
    /// It is served.
    Serve,
    /// It is carried out, and the connection ends without an answer.
    Cut,
    /// It is answered with this status, and not carried out.
    Status(u16),
    /// It is never answered.
    Hang,
}

/// A request, before anything is done about it.
pub(crate) struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// A running server, which stops with this.
pub(crate) struct Server {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

struct Site {
    root: PathBuf,
    /// What has to stand in `Authorization`, if anything.
    authorization: Option<String>,
    watch: Box<dyn Fn(&Request) -> Reply + Send + Sync>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    /// Serves the repositories below a directory. `user` is `name:password` of who may come in, if not everybody.
    pub(crate) fn start(
        root: &Path,
        user: Option<&str>,
        watch: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it has an address");
        let stopped = Arc::new(AtomicBool::new(false));
        let site = Arc::new(Site {
            root: root.to_owned(),
            authorization: user.map(|user| format!("Basic {}", base64(user.as_bytes()))),
            watch: Box::new(watch),
            stopped: Arc::clone(&stopped),
        });
        thread::spawn(move || {
            for stream in listener.incoming() {
                if site.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(stream), site) = (stream, Arc::clone(&site)) else { continue };
                // A client that goes away early is its own affair.
                thread::spawn(move || _ = answer(&site, &stream));
            }
        });
        Self { address, stopped }
    }

    /// Returns the address of a repository, with `name:password@` in it if a user is given.
    pub(crate) fn url(&self, user: &str, path: &str) -> String {
        let at = if user.is_empty() { "" } else { "@" };
        format!("http://{user}{at}{}/{path}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // It waits for a connection.
        _ = TcpStream::connect(self.address);
    }
}

impl Request {
    /// Tells whether it is the first step of a push: the server says where its branches are.
    pub(crate) fn asks_to_push(&self) -> bool {
        self.query.contains("service=git-receive-pack")
    }

    /// Tells whether it brings the commits of a push.
    pub(crate) fn pushes(&self) -> bool {
        self.method == "POST" && self.path.ends_with("/git-receive-pack")
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn answer(site: &Site, mut stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let Some(request) = read(&mut reader, stream)? else { return Ok(()) };
    if site.authorization.is_some() && request.header("authorization") != site.authorization.as_deref() {
        let challenge = "WWW-Authenticate: Basic realm=\"git\"\r\n";
        return respond(stream, "401 Unauthorized", challenge, b"");
    }
    let reply = (site.watch)(&request);
    match reply {
        Reply::Status(status) => return respond(stream, &format!("{status} Told"), "", b"so it is told"),
        Reply::Hang => {
            // Until the other side has enough.
            let mut byte = [0];
            _ = stream.read(&mut byte);
            return Ok(());
        }
        Reply::Serve | Reply::Cut => {}
    }
    let output = backend(site, &request)?;
    if matches!(reply, Reply::Cut) {
        return stream.shutdown(Shutdown::Both);
    }
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap_or(output.len());
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let body = output.get(end + 4..).unwrap_or_default();
    let (mut status, mut headers) = ("200 OK".to_owned(), String::new());
    for line in head.lines() {
        match line.strip_prefix("Status: ") {
            Some(told) => told.clone_into(&mut status),
            None => headers.extend([line, "\r\n"]),
        }
    }
    respond(stream, &status, &headers, body)
}

fn respond(mut stream: &TcpStream, status: &str, headers: &str, body: &[u8]) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// Reads a request; nothing if the other side said nothing.
fn read(reader: &mut impl BufRead, mut stream: &TcpStream) -> io::Result<Option<Request>> {
    let line = |reader: &mut dyn BufRead| -> io::Result<String> {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    };
    let first = line(reader)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    loop {
        let header = line(reader)?;
        let Some((key, value)) = header.split_once(':') else { break };
        request.headers.push((key.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if request.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    if request.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = line(reader)?;
            let size = u64::from_str_radix(&size, 16).map_err(io::Error::other)?;
            reader.take(size).read_to_end(&mut request.body)?;
            line(reader)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = request.header("content-length") {
        let length = length.parse().map_err(io::Error::other)?;
        reader.take(length).read_to_end(&mut request.body)?;
    }
    Ok(Some(request))
}

/// Has git carry out a request.
fn backend(site: &Site, request: &Request) -> io::Result<Vec<u8>> {
    let mut command = Command::new("git");
    command.args(["-c", "safe.directory=*", "http-backend"]).env_clear();
    command.envs([
        ("GIT_HTTP_EXPORT_ALL", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("REQUEST_METHOD", &request.method),
        ("PATH_INFO", &request.path),
        ("QUERY_STRING", &request.query),
        ("REMOTE_USER", "somebody"),
        ("REMOTE_ADDR", "127.0.0.1"),
        ("CONTENT_LENGTH", &request.body.len().to_string()),
        ("CONTENT_TYPE", request.header("content-type").unwrap_or_default()),
        ("HTTP_CONTENT_ENCODING", request.header("content-encoding").unwrap_or_default()),
        ("GIT_PROTOCOL", request.header("git-protocol").unwrap_or_default()),
    ]);
    command.env("GIT_PROJECT_ROOT", &site.root).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let (stdin, body) = (child.stdin.take(), request.body.clone());
    let writer = thread::spawn(move || {
        // It need not read what it does not want.
        stdin.map(|mut stdin| stdin.write_all(&body))
    });
    let output = child.wait_with_output()?;
    _ = writer.join();
    Ok(output.stdout)
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}
