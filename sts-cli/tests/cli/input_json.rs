use crate::harness::{file, form_of};

#[test]
fn options_override_json() {
    let json = r#"{
        "RoleArn": "arn:aws:iam::123456789012:role/json", "RoleSessionName": "json", "DurationSeconds": 1000,
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/Json"}], "Policy": null,
        "Tags": [{"Key": "j", "Value": "1"}], "TransitiveTagKeys": ["j"],
        "ProvidedContexts": [{"ProviderArn": "arn:aws:iam::aws:contextProvider/Json", "ContextAssertion": "abcd"}]
    }"#;
    let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::123456789012:role/json&RoleSessionName=json\
        &PolicyArns.member.1.arn=arn:aws:iam::aws:policy/Json&DurationSeconds=1000\
        &Tags.member.1.Key=j&Tags.member.1.Value=1&TransitiveTagKeys.member.1=j\
        &ProvidedContexts.member.1.ProviderArn=arn:aws:iam::aws:contextProvider/Json\
        &ProvidedContexts.member.1.ContextAssertion=abcd";
    assert_eq!(form_of(&["assume-role", "--cli-input-json", json]), form);
    let path = file("input.json", json);
    assert_eq!(form_of(&["assume-role", "--cli-input-json", &path]), form);

    let overriding =
        "assume-role --role-session-name over --tags Key=o,Value=2 --transitive-tag-keys o --cli-input-json";
    let overriding: Vec<_> = overriding.split(' ').chain([&*path]).collect();
    let overridden = form
        .replace("RoleSessionName=json", "RoleSessionName=over")
        .replace("Key=j&Tags.member.1.Value=1", "Key=o&Tags.member.1.Value=2")
        .replace("TransitiveTagKeys.member.1=j", "TransitiveTagKeys.member.1=o");
    assert_eq!(form_of(&overriding), overridden);
}
