//! How systems, browsers and programs are told to trust an authority, as data.

/// One of them.
pub struct Way {
    /// What it is asked for by.
    pub id: &'static str,
    /// What it is.
    pub title: &'static str,
    /// Commands and steps; `{file}` is the certificate, `{name}` what it is called.
    pub steps: &'static [&'static str],
    /// What takes it back.
    pub undo: &'static [&'static str],
}

/// All of them.
pub const WAYS: &[Way] = &[
    Way {
        id: "debian",
        title: "Debian, Ubuntu",
        steps: &[
            "sudo install -m 644 {file} /usr/local/share/ca-certificates/{name}.crt",
            "sudo update-ca-certificates",
            "# or all of it: sudo stockade certs trust --install",
        ],
        undo: &["sudo rm /usr/local/share/ca-certificates/{name}.crt", "sudo update-ca-certificates --fresh"],
    },
    Way {
        id: "fedora",
        title: "Fedora, RHEL, Rocky, Alma",
        steps: &["sudo install -m 644 {file} /etc/pki/ca-trust/source/anchors/{name}.crt", "sudo update-ca-trust"],
        undo: &["sudo rm /etc/pki/ca-trust/source/anchors/{name}.crt", "sudo update-ca-trust"],
    },
    Way {
        id: "arch",
        title: "Arch",
        steps: &["sudo trust anchor --store {file}"],
        undo: &["sudo trust anchor --remove {file}"],
    },
    Way {
        id: "macos",
        title: "macOS (Safari, Chrome)",
        steps: &["sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain {file}"],
        undo: &["sudo security remove-trusted-cert -d {file}"],
    },
    Way {
        id: "windows",
        title: "Windows (Edge, Chrome), in a terminal of an administrator",
        steps: &["certutil -addstore -f Root ca.crt"],
        undo: &["certutil -delstore Root \"{subject}\""],
    },
    Way {
        id: "chromium",
        title: "Chromium and Chrome on Linux, as the user who runs it (package libnss3-tools)",
        steps: &[
            "mkdir -p ~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n {name} -i {file}",
            "# or: stockade certs trust --install",
        ],
        undo: &["certutil -d sql:$HOME/.pki/nssdb -D -n {name}"],
    },
    Way {
        id: "firefox",
        title: "Firefox",
        steps: &[
            "# Settings, Privacy & Security, View Certificates, Authorities, Import: ca.crt, \"identify websites\"",
            "# on Windows and macOS it takes the system's: Settings, Privacy & Security, \"third-party root certificates\"",
        ],
        undo: &["# the same list: Delete or Distrust"],
    },
    Way {
        id: "ios",
        title: "iPhone, iPad",
        steps: &[
            "# send ca.crt to it by AirDrop or mail, open it; Settings, Profile Downloaded, Install",
            "# then Settings, General, About, Certificate Trust Settings: switch it on",
        ],
        undo: &["# Settings, General, VPN & Device Management: remove the profile"],
    },
    Way {
        id: "android",
        title: "Android",
        steps: &[
            "# copy ca.crt to it; Settings, Security, Encryption & credentials, Install a certificate, CA certificate",
            "# Chrome takes it; other apps only where their makers let them",
        ],
        undo: &["# Settings, Security, Encryption & credentials, User credentials: remove it"],
    },
    Way {
        id: "programs",
        title: "Programs with a list of their own",
        steps: &[
            "curl --cacert {file} …",
            "export NODE_EXTRA_CA_CERTS={file}      # Node.js",
            "export REQUESTS_CA_BUNDLE={file}       # Python, requests; it is then the only one",
            "keytool -importcert -cacerts -noprompt -alias {name} -file {file}      # Java",
        ],
        undo: &["keytool -delete -cacerts -alias {name}"],
    },
];
