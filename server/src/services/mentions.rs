//! Who is mentioned in a message: looked up before it goes its way.

use maru_protocol::{Body, ErrorCode, MAX_MENTIONS, RoomKey, User, UserId};

use super::{ServiceError, Services, access::RoomPermit};

impl Services {
    /// The people of these ids, by the name that stands behind an `@` in the text. Asks nobody where
    /// nobody is mentioned.
    pub(super) async fn mentioned(
        &self,
        permit: &RoomPermit,
        key: &RoomKey,
        body: Option<&Body>,
        ids: Vec<UserId>,
    ) -> Result<Vec<User>, ServiceError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        if ids.len() > MAX_MENTIONS {
            let message = format!(
                "a message mentions at most {MAX_MENTIONS} people, not {}: more are a notice to \
                 the room",
                ids.len()
            );
            return Err(ServiceError::malformed(message));
        }
        let ids = distinct(ids);
        let known = self.present_or_members(permit, key, ids.clone()).await?;
        resolve(&ids, &known, body)
    }
}

fn distinct(ids: Vec<UserId>) -> Vec<UserId> {
    let mut distinct: Vec<UserId> = Vec::with_capacity(ids.len());
    for id in ids {
        if !distinct.contains(&id) {
            distinct.push(id);
        }
    }
    distinct
}

/// Each of the ids as one of these users whose name is in the text.
fn resolve(ids: &[UserId], known: &[User], body: Option<&Body>) -> Result<Vec<User>, ServiceError> {
    let mut mentioned = Vec::with_capacity(ids.len());
    for id in ids {
        let mut names = known.iter().filter(|user| user.id == *id).peekable();
        let Some(user) = names.peek().copied() else {
            let message = "somebody whom you mention was never in this room".to_owned();
            return Err(ServiceError::Rejected(ErrorCode::UserNotFound, message));
        };
        match names.find(|user| body.is_some_and(|body| body.mentions(&user.name))) {
            Some(named) => mentioned.push(named.clone()),
            None => {
                let message = format!("you mention {0}, but “@{0}” is not in the text", user.name);
                return Err(ServiceError::Rejected(ErrorCode::UserNotFound, message));
            }
        }
    }
    Ok(mentioned)
}

#[cfg(test)]
mod tests {
    use maru_protocol::DisplayName;

    use super::*;

    fn user(id: &str, name: &str) -> User {
        User { id: UserId(id.to_owned()), name: DisplayName::parse(name).unwrap() }
    }

    fn resolved(ids: &[&str], known: &[User], text: &str) -> Result<Vec<String>, String> {
        let ids: Vec<UserId> = ids.iter().map(|id| UserId((*id).to_owned())).collect();
        let body = Body::parse(text.to_owned()).unwrap();
        resolve(&distinct(ids), known, Some(&body))
            .map(|users| users.into_iter().map(|user| user.name.to_string()).collect())
            .map_err(|error| match error {
                ServiceError::Rejected(ErrorCode::UserNotFound, message) => message,
                other => panic!("{other:?}"),
            })
    }

    #[test]
    fn a_mention_is_in_the_text_by_a_name_of_the_person() {
        let known = [user("a", "민지"), user("a", "Min"), user("b", "Ben")];
        let all = resolved(&["b", "a", "b"], &known, "@민지 and @Ben!").unwrap();
        assert_eq!(all, ["Ben", "민지"]);
        // By the name of before, or decomposed: as it stands in the text.
        assert_eq!(resolved(&["a"], &known, "hi @Min").unwrap(), ["Min"]);
        let decomposed = "@\u{1106}\u{1175}\u{11AB}\u{110C}\u{1175}";
        assert_eq!(resolved(&["a"], &known, decomposed).unwrap(), ["민지"]);
        let lacks = resolved(&["b"], &known, "Ben, @ben").unwrap_err();
        assert!(lacks.contains("“@Ben” is not in the text"), "{lacks}");
        let stranger = resolved(&["c"], &known, "@Ben").unwrap_err();
        assert!(stranger.contains("never in this room"), "{stranger}");
    }
}
