//! A registry for tests: a small HTTP server on this machine that answers as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Method and path with query.
    pub(super) line: String,
    /// The header that holds credentials.
    pub(super) authorization: Option<String>,
    pub(super) accept: String,
    pub(super) body: String,
}

/// An answer: status, headers, body.
pub(super) struct Answer(pub(super) u16, pub(super) Vec<(&'static str, String)>, pub(super) Vec<u8>);

/// Serves until it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Starts one; the function knows the server's own host and port.
    pub(super) fn start(answer: impl Fn(&str, &Asked) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Some(request) = stream.ok().and_then(|stream| receive(&stream).zip(Some(stream))) else {
                    return;
                };
                let (request, mut stream) = request;
                log.lock().unwrap().push(request.clone());
                let Answer(status, headers, body) = answer(&address.to_string(), &request);
                let mut text =
                    format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
                for (name, value) in headers {
                    text.extend([name, ": ", &value, "\r\n"]);
                }
                text += "\r\n";
                // Whoever asked may have gone.
                _ = stream.write_all(text.as_bytes());
                if !request.line.starts_with("HEAD") {
                    _ = stream.write_all(&body);
                }
            }
        });
        Self { address, asked }
    }

    /// Host and port.
    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    /// All that was asked so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Method and path of all that was asked so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A connection without a request ends it.
        drop(TcpStream::connect(self.address));
    }
}

fn receive(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&read| read > 0)?;
    let mut asked =
        Asked { line: line.trim_end().trim_end_matches(" HTTP/1.1").to_owned(), ..Asked::default() };
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => asked.authorization = Some(value.to_owned()),
            "accept" => value.clone_into(&mut asked.accept),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    reader.take(length).read_to_string(&mut asked.body).ok()?;
    Some(asked)
}
